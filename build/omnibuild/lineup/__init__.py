"""Line-ups: which components, in which exact versions, make one product."""
