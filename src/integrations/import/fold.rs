//! Folding of typing habits: full-width forms, dashes, odd spaces, invisible characters.

/// `text` with full-width forms made narrow, every dash a `-`, every space a plain one, and invisible or control
/// characters gone (line breaks and tabs stay).
pub(super) fn fold(text: &str) -> String {
    text.chars().filter_map(narrow).collect::<String>().trim().to_owned()
}

fn narrow(c: char) -> Option<char> {
    match c {
        '\u{ff01}'..='\u{ff5e}' => char::from_u32(u32::from(c) - 0xfee0),
        '\u{3000}' | '\u{a0}' | '\u{2000}'..='\u{200a}' | '\u{202f}' | '\u{205f}' => Some(' '),
        '\u{2010}'..='\u{2015}' | '\u{2212}' | '\u{ad}' | '\u{30fc}' | '\u{fe63}' => Some('-'),
        '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}' => None,
        '‘' | '’' | '′' => Some('\''),
        '“' | '”' | '″' => Some('"'),
        '\n' | '\t' => Some(c),
        '\r' => Some('\n'),
        _ if c.is_control() => None,
        _ => Some(c),
    }
}

/// A whole number written with an empty decimal part (`13812345678.0`) without that part.
pub(super) fn without_empty_decimals(text: &str) -> &str {
    match text.split_once('.') {
        Some((whole, "0" | "00")) if !whole.is_empty() && whole.bytes().all(|b| b.is_ascii_digit()) => whole,
        Some(_) | None => text,
    }
}

/// Whether `text` is a number in scientific notation, and if so its digits when the notation still writes every one of
/// them (`1.3812345678E10`), as `Some(None)` when some are lost (`1.38E+10`).
#[expect(
    clippy::option_option,
    reason = "three different answers: no such notation, all digits there, digits lost"
)]
pub(super) fn scientific(text: &str) -> Option<Option<String>> {
    let (mantissa, exponent) = text.split_once(['e', 'E'])?;
    let exponent = exponent.strip_prefix('+').unwrap_or(exponent);
    let (whole, decimals) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let is_digits = |part: &str| part.bytes().all(|b| b.is_ascii_digit());
    if whole.is_empty() || exponent.is_empty() || !is_digits(whole) || !is_digits(decimals) || !is_digits(exponent) {
        return None;
    }
    let writes_all = exponent.parse::<usize>().is_ok_and(|places| places == decimals.len());
    Some(writes_all.then(|| format!("{whole}{decimals}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn full_width_digits_dashes_and_spaces_become_plain() {
        assert_eq!(fold("　１３８—１２３４\u{a0}５６７８\u{200b} "), "138-1234 5678");
        assert_eq!(fold("总费用（元）：\r\n"), "总费用(元):");
    }

    #[test]
    fn only_an_empty_decimal_part_is_taken_off() {
        assert_eq!(without_empty_decimals("13812345678.0"), "13812345678");
        assert_eq!(without_empty_decimals("13812345678.5"), "13812345678.5");
        assert_eq!(without_empty_decimals(".0"), ".0");
        assert_eq!(without_empty_decimals("A1.0"), "A1.0");
    }

    #[test]
    fn scientific_notation_gives_its_digits_only_when_all_are_written() {
        assert_eq!(scientific("1.38E+10"), Some(None));
        assert_eq!(scientific("1.3812345678E10"), Some(Some("13812345678".to_owned())));
        assert_eq!(scientific("1E3"), Some(None));
        assert_eq!(scientific("E10"), None);
        assert_eq!(scientific("13812345678"), None);
        assert_eq!(scientific("1.38E-10"), None);
    }
}
