//! Entries of the journal that the database refused: what they are about, and how old they are.

/// What an entry says of itself: its attempt, its time, who called us. One that cannot be read says nothing.
macro_rules! entries {
    () => {
        "select p.id, p.generation, p.entry,
            coalesce(p.said ->> '$.keep.attempt', p.said ->> '$.finish.attempt', p.said ->> '$.note.attempt',
                p.said ->> '$.taken_down.attempt') as attempt_id,
            coalesce(p.said ->> '$.keep.at', p.said ->> '$.finish.at', p.said ->> '$.taken_down.at',
                p.said ->> '$.call_back.at') as said_at,
            p.said ->> '$.call_back.number' as caller
         from (select rowid as id, generation, entry, case when json_valid(entry) then entry else '{}' end as said
            from put_aside) p"
    };
}

/// The entries that are older than `$1`: id, time, bytes, whether a hold is on them. A note tells no time: its attempt
/// does, else what else was put aside after the same outage.
pub(super) const OLD: &str = concat!(
    "select o.id, o.at, o.bytes, o.held from (
        select p.id, length(cast(p.entry as blob)) as bytes,
            coalesce(p.said_at, a.begun_at, max(p.said_at) over (partition by p.generation), 0) as at,
            exists (select 1 from legal_hold h where h.ended_at is null and (h.case_id = a.case_id
                or h.patient_id = (select e.patient_id from cases c join encounter e on e.id = c.encounter_id
                    where c.id = a.case_id))) as held
        from (",
    entries!(),
    ") p left join attempt a on a.id = p.attempt_id) o where o.at < $1"
);

/// The entries with a number of the patient `$1` that belong to no attempt that is known here: those of a copy of the
/// database that went on elsewhere, and calls to us. Eight digits are what all ways of writing a number end in.
pub(super) const OF_NOBODY: &str = concat!(
    "select p.id from (",
    entries!(),
    ") p join number n on n.patient_id = $1
        and (p.caller = n.digits or length(n.digits) >= 8 and instr(p.entry, substr(n.digits, -8)) > 0)
     where not exists (select 1 from attempt a where a.id = p.attempt_id)"
);

/// All entries with the attempt that they are about.
pub(super) const ALL: &str = entries!();
