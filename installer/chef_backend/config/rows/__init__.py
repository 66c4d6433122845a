"""The rows of the table of settings, a module for each section of chef-backend.rb."""
