"""What the use cases need of the world, as abstract classes: ACA-Py's injector asks `isinstance`."""
