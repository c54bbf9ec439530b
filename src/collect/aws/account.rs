//! Whom AWS reaches about an account.

use std::sync::Arc;

use aws_sdk_account::types::AlternateContactType;

use super::cell::Cell;
use super::failure::{Class, Failure};
use crate::digest::sha256;
use crate::model::account::{AlternateContact, Contacts};
use crate::model::attr::Attr;

/// The primary contact, and the three for a purpose. Each may be denied by itself.
pub(super) async fn contacts(cell: Arc<Cell>) -> Result<(), Failure> {
    let request = cell.clients.account().get_contact_information();
    let primary = cell.call("account:GetContactInformation", request.send()).await;
    let mut contacts = Contacts {
        security: alternate(&cell, AlternateContactType::Security).await,
        operations: alternate(&cell, AlternateContactType::Operations).await,
        billing: alternate(&cell, AlternateContactType::Billing).await,
        ..Contacts::default()
    };
    let there = |text: &str| Attr::Known(!text.trim().is_empty());
    match primary.map(|answer| answer.contact_information) {
        Ok(Some(info)) => {
            contacts.full_name_present = there(&info.full_name);
            contacts.phone_number_present = there(&info.phone_number);
            contacts.address_present = there(&info.address_line1);
            contacts.website_present = there(info.website_url.as_deref().unwrap_or_default());
            contacts.company_name = info.company_name.into();
            contacts.country_code = Some(info.country_code).into();
        }
        Ok(None) => {}
        Err(failure) => {
            contacts.company_name = failure.unknown();
            contacts.country_code = failure.unknown();
            contacts.full_name_present = failure.unknown();
            contacts.phone_number_present = failure.unknown();
            contacts.address_present = failure.unknown();
            contacts.website_present = failure.unknown();
            // Nothing at all was read: then it is the whole type that is missing.
            if contacts.security.known().is_none() && contacts.billing.known().is_none() {
                return Err(failure);
            }
        }
    }
    cell.emit(cell.single_meta(), contacts).await;
    Ok(())
}

async fn alternate(cell: &Cell, kind: AlternateContactType) -> Attr<Option<AlternateContact>> {
    let request = cell.clients.account().get_alternate_contact().alternate_contact_type(kind);
    match cell.call("account:GetAlternateContact", request.send()).await {
        Ok(answer) => Attr::Known(answer.alternate_contact.map(|contact| {
            let there = |text: &Option<String>| {
                Attr::Known(text.as_ref().is_some_and(|text| !text.trim().is_empty()))
            };
            let email = contact.email_address.as_ref().map(|text| text.trim().to_lowercase());
            AlternateContact {
                name_present: there(&contact.name),
                phone_number_present: there(&contact.phone_number),
                email_domain: email
                    .as_ref()
                    .and_then(|text| text.rsplit_once('@'))
                    .map(|(_, domain)| domain.to_owned())
                    .into(),
                email_sha256: email.map(|text| sha256(text.as_bytes())).into(),
                title: contact.title.into(),
            }
        })),
        Err(failure) if failure.class == Class::Absent => Attr::Known(None),
        Err(failure) => failure.unknown(),
    }
}
