"""`make bench`: each lever beside the plain way, in one run, on the same inputs."""
