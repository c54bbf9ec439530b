//! Mistakes in the form that facts have.

use super::Mistake;
use crate::model::Attr;
use crate::model::privileges::TrustMistake;

impl From<Mistake> for TrustMistake {
    fn from(mistake: Mistake) -> Self {
        let witness = mistake.witness.to_string();
        Self {
            kind: mistake.kind.word().to_owned().into(),
            principal: String::from(mistake.principal).into(),
            account: Attr::Known(mistake.account.map(String::from)),
            owner: Attr::Known(mistake.owner.map(String::from)),
            statement: Attr::Known(mistake.statement.into()),
            sid: Attr::Known(mistake.sid.map(String::from)),
            severity: mistake.severity.word().to_owned().into(),
            detail: mistake.detail.into(),
            witness: witness.into(),
            instead: mistake.instead.into(),
            holds: mistake.doubt.map_or(Attr::Known(true), Attr::Unknown),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::Kind;
    use crate::model::privileges::TrustMistake;

    /// The words of the model and those of the analysis are the same.
    #[test]
    fn the_model_knows_every_kind() {
        let field = TrustMistake::SHAPE.fields.iter().find(|f| f.name == "kind").unwrap();
        let words: Vec<&str> = Kind::ALL.iter().map(|kind| kind.word()).collect();
        assert_eq!(field.words, words);
    }
}
