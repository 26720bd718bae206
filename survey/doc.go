// Package survey holds the vocabulary of salesbench: instruments, answers,
// studies, waves, organizations and what may be said about them. It knows no
// database, no network and no page; it imports the standard library only.
//
// # Words
//
// One word has one meaning in code, pages and documents.
//
//   - Study: a research undertaking with an instrument, criteria and one or more
//     waves. Wave: one field period; its state follows from its window and the
//     clock.
//   - Instrument: the questionnaire document, immutable once published and known
//     by its hash. Avoid: form (that is what a browser posts), template.
//   - Item: one question. Practice: an agreement item about behaviour. Key
//     practice: an item the criteria count on. Area: a group of practices. KPI: a
//     numeric outcome item. Field: one answerable cell, an item or one part of an
//     allocation.
//   - Organization, and Team inside it. Avoid: company, account, tenant.
//   - Invitation: the right to answer once. Respondent: contact data, erasable,
//     apart from answers. User: somebody with an account. Avoid: user for a
//     respondent.
//   - Draft: answers not yet submitted. Response: one person's submitted answers
//     in one wave. Submission: the request to keep them. Receipt: what the
//     respondent keeps.
//   - Problem: a respondent's mistake, said beside the field. Refusal: a cell or
//     row of a data file that can not be taken. Finding: something wrong with a
//     document. None of them is an error, which is for the operator.
//   - State: why a cell has no answer. Not shown, skipped, don't know, not
//     applicable and refused are never merged, and never zero.
//
// # Where things are
//
// An instrument is read by ParseInstrument (document.go, scanner.go: strict JSON;
// lint*.go: what makes no sense), compiled once (index.go), walked by role and
// answers (path.go), filled in page by page (check.go, number.go), checked whole
// (checkall.go) and kept in a packed form (pack.go). Files written by others
// become responses or aggregates under a mapping (mapping.go, dataset.go,
// cells.go, responses.go, aggregates.go).
package survey
