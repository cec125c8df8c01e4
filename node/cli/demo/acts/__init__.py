"""What the steps of the story do, one file per act."""
