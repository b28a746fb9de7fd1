-- What a claim and a report read of attempts, beside each other: neither reads the rows themselves, which are ten times as
-- long and lie far apart.

-- All that a claim asks of the attempts of a case, and a report. What changes with every key is not in it.
drop index attempt_case;
create index attempt_case on attempt (case_id, id, ended_at, disposition, counted, number_id, begun_at, answered_at);

-- Who is being called: nobody has two calls at once, on whatever telephones.
create index attempt_open_number on attempt (number_id) where state = 'begun';

-- The attempts in which something was pressed or answered, with the dialplan that asked.
create index attempt_kept on attempt (case_id, id, dialplan_hash, kept) where kept > 0;

-- Which attempts have a recording, and how long it is.
create index recording_length on recording (attempt_id, duration_ms);

-- Which dialplans the attempts of a campaign were made with.
create table campaign_dialplan (
    campaign_id   integer not null references campaign (id),
    dialplan_hash text    not null references dialplan (hash),
    primary key (campaign_id, dialplan_hash)
) strict, without rowid;

insert into campaign_dialplan (campaign_id, dialplan_hash)
select distinct c.campaign_id, a.dialplan_hash from attempt a join cases c on c.id = a.case_id;

create trigger attempt_made_with after insert on attempt when new.case_id is not null
begin
    insert or ignore into campaign_dialplan (campaign_id, dialplan_hash)
    select c.campaign_id, new.dialplan_hash from cases c where c.id = new.case_id;
end;
