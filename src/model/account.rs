//! Whom AWS reaches about an account.

model! {
    /// The contacts of an account (`account:GetContactInformation`, `account:GetAlternateContact`). Personal data is
    /// reduced
    /// to what checks need.
    pub struct Contacts {
        /// The company of the primary contact.
        company_name: Option<String>,
        /// The country of the primary contact, two letters.
        country_code: Option<String>,
        /// Whether the primary contact has a full name.
        full_name_present: bool,
        /// Whether the primary contact has a telephone number.
        phone_number_present: bool,
        /// Whether the primary contact has a postal address.
        address_present: bool,
        /// Whether the primary contact names a web site.
        website_present: bool,
        /// The contact for security.
        security: Option<AlternateContact>,
        /// The contact for operations.
        operations: Option<AlternateContact>,
        /// The contact for billing.
        billing: Option<AlternateContact>,
    }

    /// A contact for one purpose.
    pub struct AlternateContact {
        /// The person's title.
        title: Option<String>,
        /// Whether a name is given.
        name_present: bool,
        /// Whether a telephone number is given.
        phone_number_present: bool,
        /// The domain of the e-mail address, in small letters.
        email_domain: Option<String>,
        /// SHA-256 of the e-mail address in small letters, in hex, to tell addresses apart.
        email_sha256: Option<String>,
    }
}
