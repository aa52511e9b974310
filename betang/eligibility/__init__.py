"""Who is promised what: judging, explanations, the decree (SK) and enrolment."""
