"""From an outlet's card to captures, extractions and outcomes. Only this package imports Scrapy."""
