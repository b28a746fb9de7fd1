-- A spoken answer: where it is in the recording of its call, and the file of its own that was cut out of it. When the
-- recording goes, that file goes with it (recording.purged_at).
alter table answer add column audio_from_ms integer check (audio_from_ms >= 0);
alter table answer add column audio_to_ms integer check (audio_to_ms >= audio_from_ms);
alter table answer add column audio_path text;
alter table answer add column audio_sha256 text check (length(audio_sha256) = 64);
