-- Entries of the journal that the database could not take when it was back: nothing that was answered for is thrown away.
create table put_aside (
    generation integer not null,
    seq        integer not null,
    entry      text    not null,
    why        text    not null,
    primary key (generation, seq)
) strict;
