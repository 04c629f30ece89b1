-- From a passage to its document without reading either: a search looks up some thirty for an answer of ten.
CREATE INDEX documents_by_passage ON documents (first_chunk, hidden, updated_at, boost);
