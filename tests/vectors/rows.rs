//! The tables of what must happen, for the machine: each row of both `EXPECT.tsv` has one here, and none is wider.

use crate::message::text;

/// One message, or one variant of it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Row {
    /// `rfc4475/wsinv.dat`
    pub(crate) file: &'static str,
    /// Whether it is sent with another Content-Length, which its row names.
    pub(crate) length: Option<&'static str>,
    /// What the readers say.
    pub(crate) reads: Reads,
    /// What the user agent does.
    pub(crate) does: Does,
}

/// What parser and header readers make of a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Reads {
    /// All of them accept it.
    Valid,
    /// This layer objects.
    Objects(Layer),
    /// Invalid, and accepted all the same, as the row allows.
    Lenient,
}

/// Who objects.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Layer {
    StartLine,
    Framing,
    Header,
    Semantics,
}

/// What the user agent does with a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Does {
    /// One of these final responses.
    Answers(&'static [u16]),
    /// One of these, or silence.
    AnswersOrDrops(&'static [u16]),
    /// Silence, and nothing has changed.
    Drops,
}

/// What an INVITE that could be taken may get. The tables allow 200 as well; we answer no calls.
const REFUSALS: &[u16] = &[404, 480, 486, 488, 603];
const REFUSALS_OR_400: &[u16] = &[400, 404, 480, 486, 488, 603];
const OPTIONS: &[u16] = &[200, 404, 480, 486];
const OPTIONS_OR_400: &[u16] = &[400, 200, 404, 480, 486];
const NO_REGISTRAR: &[u16] = &[405, 501];

/// All messages, in the order of the RFCs.
pub(crate) const ROWS: &[Row] = &[
    valid("rfc4475/wsinv.dat", &[481, 404, 480, 486, 488, 603]),
    valid("rfc4475/intmeth.dat", &[501, 405]),
    valid("rfc4475/esc01.dat", REFUSALS),
    valid("rfc4475/escnull.dat", NO_REGISTRAR),
    valid("rfc4475/esc02.dat", &[501, 405]),
    valid("rfc4475/lwsdisp.dat", OPTIONS),
    valid("rfc4475/longreq.dat", REFUSALS),
    valid("rfc4475/dblreq.dat", NO_REGISTRAR),
    valid("rfc4475/semiuri.dat", OPTIONS),
    valid("rfc4475/transports.dat", OPTIONS),
    valid("rfc4475/mpart01.dat", &[405, 501, 415]),
    stray("rfc4475/unreason.dat", Reads::Valid),
    stray("rfc4475/noreason.dat", Reads::Valid),
    objected("rfc4475/badinv01.dat", Layer::Header, Does::AnswersOrDrops(&[400])),
    objected("rfc4475/clerr.dat", Layer::Framing, Does::AnswersOrDrops(&[400])),
    objected("rfc4475/ncl.dat", Layer::Framing, Does::AnswersOrDrops(&[400])),
    objected("rfc4475/scalar02.dat", Layer::Header, Does::Answers(&[400])),
    stray("rfc4475/scalarlg.dat", Reads::Objects(Layer::Header)),
    objected("rfc4475/quotbal.dat", Layer::Header, Does::Answers(REFUSALS_OR_400)),
    objected("rfc4475/ltgtruri.dat", Layer::StartLine, Does::Answers(REFUSALS_OR_400)),
    objected(
        "rfc4475/lwsruri.dat",
        Layer::StartLine,
        Does::Answers(&[400, 481, 404, 480, 486, 488, 603]),
    ),
    lenient("rfc4475/lwsstart.dat", REFUSALS_OR_400),
    lenient("rfc4475/trws.dat", OPTIONS_OR_400),
    lenient("rfc4475/escruri.dat", REFUSALS_OR_400),
    lenient("rfc4475/baddate.dat", REFUSALS_OR_400),
    lenient("rfc4475/regbadct.dat", &[400, 405, 501]),
    lenient("rfc4475/badaspec.dat", OPTIONS_OR_400),
    lenient("rfc4475/baddn.dat", OPTIONS_OR_400),
    objected("rfc4475/badvers.dat", Layer::StartLine, Does::Answers(&[505])),
    objected("rfc4475/mismatch01.dat", Layer::Semantics, Does::Answers(&[400])),
    objected("rfc4475/mismatch02.dat", Layer::Semantics, Does::Answers(&[501, 400])),
    stray("rfc4475/bigcode.dat", Reads::Objects(Layer::StartLine)),
    valid("rfc4475/badbranch.dat", &[200, 400, 404, 480, 486]),
    objected("rfc4475/insuf.dat", Layer::Semantics, Does::AnswersOrDrops(&[400])),
    valid("rfc4475/unkscm.dat", &[416]),
    valid("rfc4475/novelsc.dat", &[416, 404]),
    valid("rfc4475/unksm2.dat", NO_REGISTRAR),
    valid("rfc4475/bext01.dat", &[420]),
    valid("rfc4475/invut.dat", &[415]),
    valid("rfc4475/regaut01.dat", NO_REGISTRAR),
    objected("rfc4475/multi01.dat", Layer::Semantics, Does::AnswersOrDrops(&[400])),
    objected("rfc4475/mcl01.dat", Layer::Framing, Does::AnswersOrDrops(&[400])),
    stray("rfc4475/bcast.dat", Reads::Valid),
    valid("rfc4475/zeromf.dat", OPTIONS),
    valid("rfc4475/cparam01.dat", NO_REGISTRAR),
    valid("rfc4475/cparam02.dat", NO_REGISTRAR),
    valid("rfc4475/regescrt.dat", NO_REGISTRAR),
    valid("rfc4475/sdp01.dat", &[406, 400, 404, 480, 486, 603]),
    valid("rfc4475/inv2543.dat", &[404, 480, 486, 488, 603, 400]),
    Row {
        does: Does::AnswersOrDrops(OPTIONS_OR_400),
        ..lenient("rfc4475/baddn.archive331.dat", &[])
    },
    objected("rfc4475/zz-test-not-in-rfc-sections.dat", Layer::StartLine, Does::Drops),
    valid("rfc5118/ipv6-good.sip", NO_REGISTRAR),
    objected("rfc5118/ipv6-bad.sip", Layer::StartLine, Does::Answers(&[400])),
    valid("rfc5118/port-ambiguous.sip", NO_REGISTRAR),
    valid("rfc5118/port-unambiguous.sip", NO_REGISTRAR),
    lenient("rfc5118/via-received-param-with-delim.sip", &[481]),
    valid("rfc5118/via-received-param-no-delim.sip", OPTIONS),
    objected("rfc5118/ipv6-in-sdp.sip", Layer::Framing, Does::AnswersOrDrops(&[400])),
    corrected("rfc5118/ipv6-in-sdp.sip", "251"),
    valid("rfc5118/mult-ip-in-header.sip", &[481]),
    valid("rfc5118/mult-ip-in-sdp.sip", REFUSALS_OR_400),
    corrected("rfc5118/mult-ip-in-sdp.sip", "189"),
    valid("rfc5118/ipv4-mapped-ipv6.sip", REFUSALS_OR_400),
    corrected("rfc5118/ipv4-mapped-ipv6.sip", "245"),
    lenient("rfc5118/ipv6-bug-abnf-3-colons.sip", OPTIONS),
    valid("rfc5118/ipv6-correct-abnf-2-colons.sip", OPTIONS),
];

const fn valid(file: &'static str, statuses: &'static [u16]) -> Row {
    Row {
        file,
        length: None,
        reads: Reads::Valid,
        does: Does::Answers(statuses),
    }
}

const fn lenient(file: &'static str, statuses: &'static [u16]) -> Row {
    Row {
        reads: Reads::Lenient,
        ..valid(file, statuses)
    }
}

const fn objected(file: &'static str, layer: Layer, does: Does) -> Row {
    Row {
        reads: Reads::Objects(layer),
        does,
        ..valid(file, &[])
    }
}

/// A response that answers no request of ours.
const fn stray(file: &'static str, reads: Reads) -> Row {
    Row {
        reads,
        does: Does::Drops,
        ..valid(file, &[])
    }
}

const fn corrected(file: &'static str, length: &'static str) -> Row {
    Row {
        length: Some(length),
        ..valid(file, REFUSALS)
    }
}

impl Row {
    /// The message.
    pub(crate) fn octets(&self) -> Vec<u8> {
        let octets = crate::message::octets(self.file);
        match self.length {
            Some(length) => crate::message::with_field(&octets, "Content-Length", length),
            None => octets,
        }
    }

    /// Its name in a table.
    pub(crate) fn name(&self) -> String {
        let name = self.file.split_once('/').map_or(self.file, |(_, name)| name);
        match self.length {
            Some(length) => format!("{name} (length {length})"),
            None => name.to_owned(),
        }
    }

    /// RFC and section.
    pub(crate) fn section(&self) -> String {
        let (rfc, columns) = self.expectation();
        format!("{rfc} {}", columns[1])
    }

    fn expectation(&self) -> (&'static str, Vec<String>) {
        let (rfc, name) = self.file.split_once('/').unwrap();
        let table = text(&format!("{rfc}/EXPECT.tsv"));
        let row = table.lines().find(|line| line.split('\t').next() == Some(name));
        let columns = row.unwrap_or_else(|| panic!("{name} has no row")).split('\t');
        (rfc, columns.map(str::to_owned).collect())
    }
}

#[test]
fn every_message_of_the_tables_has_its_row_and_no_row_is_wider_than_its_table() {
    for folder in ["rfc4475", "rfc5118"] {
        for line in text(&format!("{folder}/EXPECT.tsv")).lines().skip(1) {
            let file = format!("{folder}/{}", line.split('\t').next().unwrap());
            assert!(ROWS.iter().any(|row| row.file == file), "{file} has no row");
        }
    }
    for row in ROWS {
        let (rfc, columns) = row.expectation();
        let (syntax, said) = match rfc {
            "rfc4475" => (&columns[4], columns[5..].join(" ")),
            _ => (&columns[2], columns[3].clone()),
        };
        let is_stored_wrong = row.file == "rfc5118/ipv6-in-sdp.sip" && row.length.is_none();
        let is_invalid = syntax.starts_with("invalid") || is_stored_wrong;
        assert_eq!(row.reads != Reads::Valid, is_invalid, "{}: {syntax}", row.file);
        let (statuses, may_drop) = match row.does {
            Does::Answers(statuses) => (statuses, false),
            Does::AnswersOrDrops(statuses) => (statuses, true),
            Does::Drops => (&[][..], true),
        };
        for status in statuses {
            let is_said = said
                .split(|c: char| !c.is_ascii_digit())
                .any(|word| word == status.to_string());
            assert!(is_said, "{}: {status} is not in its table", row.file);
        }
        let drops = ["drop", "discard", "nothing"].iter().any(|word| said.contains(word));
        assert!(!may_drop || drops, "{}: its table wants an answer", row.file);
    }
}
