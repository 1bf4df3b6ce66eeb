"""Dated extraction rules, one file a CMS."""
