/** The field app is compiled in runes mode throughout. */
export default { compilerOptions: { runes: true } };
