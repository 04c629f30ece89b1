-- Titles come in no order: every write touched another page of this index, the more the larger it was. At a million
-- documents it took a quarter of the rate. Listing by title is rare, and sorts.
DROP INDEX documents_by_title;

-- What a transaction adds to the index becomes one segment of up to 4 MiB, and not one for each MiB: fewer to be merged.
INSERT INTO chunk_index (chunk_index, rank) VALUES ('hashsize', 4194304);
