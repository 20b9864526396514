"""XMP packets: the RDF/XML that editors embed in pictures and write into sidecars.

In: a packet's bytes. Out: its properties as text, lists, and structures. Written for hostile
input: a packet with a document type (and so with entities) is refused by defusedxml, and a
damaged packet reads as empty. Source: ISO 16684-1:2019, section 7.

The properties are read from the XML here, since no library fits: exiv2 and pyexiv2 are under the
GPL, python-xmp-toolkit needs the system's Exempi, rdflib knows no XMP, and Pillow's ``getxmp``
drops the namespaces that tell properties of one name apart.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from xml.etree.ElementTree import Element, ParseError, TreeBuilder

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import XMLParser

RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
XML = "http://www.w3.org/XML/1998/namespace"

_DESCRIPTION = f"{{{RDF}}}Description"
_ARRAYS = {f"{{{RDF}}}{kind}" for kind in ("Alt", "Bag", "Seq")}
_ITEM = f"{{{RDF}}}li"
_VALUE = f"{{{RDF}}}value"
_RESOURCE = f"{{{RDF}}}resource"
_LANGUAGE = f"{{{XML}}}lang"

_FORBIDDEN = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f]")

_MAX_ELEMENTS = 250_000
"""More are no metadata: of a document's ancestors, the longest of lists, 8 MB hold 140,000."""

_MAX_NAMESPACE = 128
"""Characters; each use of a namespace's prefix costs a copy of its name."""


class _Refused(Exception):
    """The packet would cost more time or memory than metadata may."""


class _Builder(TreeBuilder):
    def __init__(self) -> None:
        super().__init__()
        self._left = _MAX_ELEMENTS

    def start(self, tag: str, attrs: dict[str, str], /) -> Element:
        self._left -= 1
        if self._left < 0:
            raise _Refused
        return super().start(tag, attrs)

    def start_ns(self, prefix: str, uri: str) -> None:
        if len(uri) > _MAX_NAMESPACE:
            raise _Refused


class XmpProperties:
    """The properties of one or more packets; names are written ``{namespace}local``."""

    def __init__(self, packets: Sequence[bytes]) -> None:
        """
        Args:
            packets: as found in a file, or a sidecar's content; later ones fill in what the
                earlier ones lack.
        """
        self._texts: dict[str, str] = {}
        self._elements: dict[str, Element] = {}
        for packet in packets:
            for description in _descriptions(_parse(packet)):
                self._add(description)

    def text(self, name: str) -> str | None:
        """A simple value; of a list the first item, of language alternatives the default."""
        if name in self._texts:
            return self._texts[name]
        items = self._items(name)
        default = [text for language, text in items if language == "x-default" and text]
        return next(iter(default + [text for _, text in items if text]), None)

    def items(self, name: str) -> list[str]:
        """The items of a list in order; a simple value is a list of one."""
        if name in self._texts:
            return [self._texts[name]]
        return [text for _, text in self._items(name) if text]

    def structures(self, name: str, *inner: str) -> list[dict[str, str]]:
        """The structures of a list (or the one structure), each with its fields' texts.

        Args:
            inner: fields to go down by, where the list is a field of a structure.
        """
        found = self._elements.get(name)
        elements = [] if found is None else [found]
        for field in inner:
            elements = [child for each in elements for child in _inside(each, field)]
        return [_fields(node) for each in elements for node in _nodes(each)]

    def _items(self, name: str) -> list[tuple[str, str | None]]:
        element = self._elements.get(name)
        if element is None:
            return []
        return [(node.get(_LANGUAGE, ""), _text(node)) for node in _nodes(element)]

    def _add(self, description: Element) -> None:
        for name, value in description.attrib.items():
            if name not in self._elements:
                self._texts.setdefault(name, value)
        for element in description:
            if element.tag not in self._texts:
                self._elements.setdefault(element.tag, element)


def _parse(packet: bytes) -> Element | None:
    """The packet's root; a second try without the bytes that XML does not allow."""
    trimmed = packet.strip(b"\0 \t\r\n")
    for attempt in (trimmed, _mended(trimmed)):
        parser = XMLParser(target=_Builder(), forbid_dtd=True)
        try:
            parser.feed(attempt)
            root: Element = parser.close()
            return root
        except (_Refused, DefusedXmlException):
            return None
        except (ParseError, ValueError, LookupError):
            continue  # ValueError and LookupError: an encoding that Python does not have
    return None


def is_damaged(packet: bytes) -> bool:
    """Whether nothing can be read of it: no XML, without RDF, or refused as harmful."""
    root = _parse(packet)
    return root is None or next(root.iter(f"{{{RDF}}}RDF"), None) is None


def _mended(packet: bytes) -> bytes:
    return _FORBIDDEN.sub("", packet.decode("utf-8", "replace")).encode()


def _descriptions(root: Element | None) -> Iterator[Element]:
    """The descriptions of all RDF in the packet, with or without the ``x:xmpmeta`` around it."""
    if root is None:
        return
    for rdf in root.iter(f"{{{RDF}}}RDF"):
        yield from rdf.findall(_DESCRIPTION)


def _nodes(element: Element) -> list[Element]:
    """The items of an array, or the element itself where it holds one value."""
    for child in element:
        if child.tag in _ARRAYS:
            return child.findall(_ITEM)
    return [element]


def _text(node: Element) -> str | None:
    """A simple value: its text, its qualified value (``rdf:value``), or its URI."""
    for child in node:
        if child.tag == _VALUE:
            return child.text
        if child.tag == _DESCRIPTION:
            return child.findtext(_VALUE) or child.get(_VALUE)
    return node.text if len(node) == 0 and node.text else node.get(_RESOURCE)


def _holders(node: Element) -> list[Element]:
    """The elements that carry a structure's fields, in each of the notations that RDF has."""
    inner = node.find(_DESCRIPTION)
    return [node] if inner is None else [node, inner]


def _inside(element: Element, field: str) -> list[Element]:
    return [
        child
        for node in _nodes(element)
        for holder in _holders(node)
        for child in holder.findall(field)
    ]


def _fields(node: Element) -> dict[str, str]:
    fields: dict[str, str] = {}
    for holder in _holders(node):
        fields.update(holder.attrib)
        for child in holder:
            value = next((text for text in map(_text, _nodes(child)) if text), None)
            if value:
                fields[child.tag] = value
    return fields
