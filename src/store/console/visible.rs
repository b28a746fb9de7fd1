//! Whose rows a reader may see.

/// A limit on what is read; every reading of the console takes one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Visible {
    /// Every row.
    All,
    /// Rows of encounters of this department.
    Department(String),
    /// Rows of this account's own doing.
    Of(i64),
    /// No row at all.
    Nothing,
}

impl Visible {
    /// Whether everything is seen.
    pub const fn is_all(&self) -> bool {
        matches!(self, Self::All)
    }

    /// Whether a call of an encounter of this department, made or taken by this account, is seen.
    pub fn sees(&self, department: Option<&str>, account: Option<i64>) -> bool {
        match self {
            Self::All => true,
            Self::Department(own) => department == Some(own),
            Self::Of(own) => account == Some(*own),
            Self::Nothing => false,
        }
    }
}
