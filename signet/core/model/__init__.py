"""Nouns: frozen values that every room shares. They hold no rules beyond what makes them well-formed."""
