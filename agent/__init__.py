"""The Staff Passport agent: what ACA-Py loads to issue, to verify and to be trusted."""
