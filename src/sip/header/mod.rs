//! Readers of header fields: each takes the text of one value and gives a borrowed view, or nothing when it breaks the grammar.

mod address;
mod cseq;
mod name;
mod reason;
mod scan;
mod via;

pub use address::Address;
pub use cseq::CSeq;
pub use name::Name;
pub(crate) use reason::{q850, retry_after};
pub(crate) use scan::{SPACES, is_token, number, param, position, split, trimmed, unquote};
pub use via::Via;
