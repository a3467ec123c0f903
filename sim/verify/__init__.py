"""Checks that anybody can run: `CHECKS` lists those that need nothing but the package."""
