"""Looking inside a trained network: its latent space, and where it looks; a module each, so that an edit of one
re-executes only the chapter that shows it."""
