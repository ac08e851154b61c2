"""What predictions are worth: arrays and tables in, arrays and tables out; no file is read or written here."""
