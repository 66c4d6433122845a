"""Content-addressed outputs of components: write-once objects, trees and build results."""
