//! Messages in a stream: the first octet says in what pieces the rest comes, and pieces change nothing.

use aftercall::sip::{FrameError, Framer, Item};

/// Holds for any octets.
pub(crate) fn check(bytes: &[u8]) {
    let Some((&length, stream)) = bytes.split_first() else {
        return;
    };
    let whole = framed(&[stream]);
    let pieces: Vec<&[u8]> = stream.chunks(usize::from(length).max(1)).collect();
    assert_eq!(framed(&pieces), whole);
    let errors = whole.iter().filter(|item| item.is_err()).count();
    assert!(errors == 0 || (errors == 1 && whole.last().is_some_and(Result::is_err)));
    let given: usize = whole
        .iter()
        .map(|item| {
            if let Ok(Item::Message(message)) = item {
                message.len()
            } else {
                0
            }
        })
        .sum();
    assert!(given <= stream.len());
}

fn framed(pieces: &[&[u8]]) -> Vec<Result<Item, FrameError>> {
    let mut framer = Framer::default();
    let mut items = Vec::new();
    for piece in pieces {
        framer.push(piece);
        items.extend(std::iter::from_fn(|| framer.next()));
    }
    items
}
