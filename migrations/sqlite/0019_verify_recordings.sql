-- When the file of a recording was last compared with its hash, and since when it differs from it.
alter table recording add column verified_at integer;
alter table recording add column altered_at integer;

create index recording_verified on recording (verified_at, attempt_id) where purged_at is null;
create index recording_altered on recording (attempt_id) where altered_at is not null;
