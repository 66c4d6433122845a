"""The build image: a tree of files in the store, made by Docker, based on debootstrap where no registry is."""
