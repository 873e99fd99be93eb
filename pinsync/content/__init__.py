"""From files to what is wanted: finding, reading, checking and resolving the content folder. Nothing here calls out."""
