"""From a raw mammogram to a small square picture: gray levels, breast mask, framing, the picture store."""
