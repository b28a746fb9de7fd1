-- Which numbers an agent may dial, and where a recording was paused.

-- A number that is no case's begins with one of these where the agent has any, and with one of the settings besides.
create table agent_prefix (
    account_id integer not null references account (id),
    prefix     text    not null check (length(prefix) between 1 and 10 and prefix not glob '*[^0-9]*'),
    primary key (account_id, prefix)
) strict, without rowid;

-- Where a recording is silent because it was paused: counted from its begin. Rows are only added, with its attempt's end.
create table recording_pause (
    attempt_id integer not null references attempt (id),
    offset_ms  integer not null check (offset_ms >= 0),
    length_ms  integer not null check (length_ms >= 0),
    primary key (attempt_id, offset_ms)
) strict, without rowid;

create trigger recording_pause_is_never_changed before update on recording_pause
begin
    select raise(abort, 'where a recording was paused is never changed');
end;
