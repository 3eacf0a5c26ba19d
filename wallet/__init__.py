"""The wallet of one person: ACA-Py as holder, with a plugin that does nothing without the person's word."""
