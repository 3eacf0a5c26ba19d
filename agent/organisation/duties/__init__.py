"""The duties of a data controller: to answer, to correct, to forget in time, and to say what is done."""
