-- What ends a call after a crash: the mark that its Call-ID, tag and branches come from, and how far it was.
alter table attempt add column mark     text    not null default '' check (length(mark) in (0, 32));
alter table attempt add column dialog   text    check (json_valid(dialog));
alter table attempt add column noted    integer not null default 0;
alter table attempt add column rtp_port integer check (rtp_port between 1 and 65535);
-- Anything above 100 had come: the far end had the call.
alter table attempt add column reached  integer not null default 0 check (reached in (0, 1));
-- The attempt whose unfinished questionnaire this one went on with.
alter table attempt add column resumed_from integer references attempt (id);

-- An upgrade in mid-night finds attempts without a mark: theirs says nothing about their calls.
update attempt set mark = lower(hex(randomblob(16))) where state = 'begun';
