"""Looking inside: the way of a picture to the networks, their latent space, and where they look; a module each, so that
an edit of one re-executes only the chapter that shows it."""
