"""From a raw mammogram to a small square picture: gray levels, breast mask, framing, the picture store."""

import cv2

# The store frames as many pictures at a time as there are cores; threads within a picture would only be in their way.
cv2.setNumThreads(1)
