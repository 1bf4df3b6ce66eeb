"""What each kind of site says about a page in JSON-LD. The shapes are the CMSs', the words the documents'."""

from __future__ import annotations

from typing import Any

from config.outlet import Outlet
from interfaces.demo import formats
from interfaces.demo.documents import Document, DocumentKind


def describe(document: Document, outlet: Outlet, template: str) -> dict[str, Any] | None:
    """The JSON-LD of a page; None for templates that carry none."""
    match template:
        case "pangea":
            return _pangea(document, outlet)
        case "wordpress":
            return _wordpress(document, outlet)
        case "ippen":
            return _news_article(document, outlet, formats.iso)
        case "dw":
            return _news_article(document, outlet, formats.utc_millis)
        case "harbour":
            return _news_article(document, outlet, formats.utc_minute)
        case "perehuk" if document.kind is DocumentKind.LIVE:
            return _news_article(document, outlet, formats.iso)
        case _:
            return None


def _image(document: Document) -> dict[str, Any]:
    return {"@type": "ImageObject", "url": f"http://{document.host}/media/{document.id}.svg", "width": 1200, "height": 675}


def _people(document: Document) -> list[dict[str, str]]:
    return [{"@type": "Person", "name": author} for author in document.authors]


def _publisher(outlet: Outlet, kind: str = "NewsMediaOrganization") -> dict[str, Any]:
    return {
        "@type": kind,
        "name": outlet.name,
        "url": outlet.homepage,
        "logo": {"@type": "ImageObject", "url": f"{outlet.homepage}media/logo.svg"},
    }


def _pangea(document: Document, outlet: Outlet) -> dict[str, Any]:
    if document.kind is DocumentKind.VIDEO:
        return {
            "@context": "https://schema.org",
            "@type": "VideoObject",
            "name": document.title,
            "description": document.lead,
            "thumbnailUrl": f"http://{document.host}/media/{document.id}.svg",
            "uploadDate": formats.utc_space(document.published),
            "datePublished": formats.utc_space(document.published),
            "dateModified": formats.utc_space(document.last_edit),
            "duration": formats.iso_duration(document.duration_s or 0),
            "contentUrl": f"http://{document.host}/media/{document.number}_240p.mp4",
            "inLanguage": outlet.language,
            "publisher": _publisher(outlet),
            "url": document.url,
        }
    return {
        "articleSection": document.section,
        "isAccessibleForFree": True,
        "headline": document.title,
        "inLanguage": outlet.language,
        "keywords": ", ".join(document.tags),
        "author": {"@type": "Person", "name": ", ".join(document.authors)},
        "datePublished": formats.utc_space(document.published),
        "dateModified": formats.utc_space(document.last_edit),
        "publisher": _publisher(outlet),
        "@context": "https://schema.org",
        "@type": "NewsArticle",
        "mainEntityOfPage": document.url,
        "url": document.url,
        "description": document.lead,
        "image": _image(document),
        "name": document.title,
    }


def _news_article(document: Document, outlet: Outlet, write: Any) -> dict[str, Any]:
    data: dict[str, Any] = {
        "@context": "https://schema.org",
        "@type": "LiveBlogPosting" if document.kind is DocumentKind.LIVE else "NewsArticle",
        "mainEntityOfPage": {"@type": "WebPage", "@id": document.url},
        "headline": document.title,
        "description": document.lead,
        "datePublished": write(document.published),
        "dateModified": write(document.last_edit),
        "author": _people(document),
        "publisher": _publisher(outlet, "Organization"),
        "image": [_image(document)],
        "isAccessibleForFree": True,
        "articleSection": document.section,
    }
    if document.kind is DocumentKind.LIVE:
        data["coverageStartTime"] = write(document.published)
        data["coverageEndTime"] = write(document.last_edit)
    return data


def _wordpress(document: Document, outlet: Outlet) -> dict[str, Any]:
    home = outlet.homepage
    return {
        "@context": "https://schema.org",
        "@graph": [
            {
                "@type": "Article",
                "@id": f"{document.url}#article",
                "isPartOf": {"@id": document.url},
                "author": [{"name": author, "@id": f"{home}#/schema/person/{number}"} for number, author in enumerate(document.authors, 1)],
                "headline": document.title,
                "datePublished": formats.utc(document.published),
                "dateModified": formats.utc(document.last_edit),
                "mainEntityOfPage": {"@id": document.url},
                "publisher": {"@id": f"{home}#organization"},
                "keywords": list(document.tags),
                "articleSection": [document.section],
                "inLanguage": outlet.language,
            },
            {
                "@type": "WebPage",
                "@id": document.url,
                "url": document.url,
                "name": f"{document.title} - {outlet.name}",
                "isPartOf": {"@id": f"{home}#website"},
                "datePublished": formats.utc(document.published),
                "dateModified": formats.utc(document.last_edit),
                "description": document.lead,
            },
            {"@type": "WebSite", "@id": f"{home}#website", "url": home, "name": outlet.name},
            {"@type": "Organization", "@id": f"{home}#organization", "name": outlet.name, "url": home},
        ],
    }
