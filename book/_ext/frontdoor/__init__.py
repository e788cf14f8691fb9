"""What a site needs to be found, shared and cited."""
