/** The version that the app tells the server and the person. */

export const APP_VERSION = "0.1.0";
