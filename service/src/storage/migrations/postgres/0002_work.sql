-- The id under which the work of a request is kept, so that an attempt that nobody heard the end of is not kept twice.
ALTER TABLE replays ADD COLUMN work TEXT COLLATE "C";
