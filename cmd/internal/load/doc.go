// Package load is a client that loads salesbench as browsers do, and measures what
// that is like: it opens links, follows redirects, fills in the forms that it finds
// and sends them, over connections that stay open and with compressed answers.
//
// It shares the processors with the service that it measures, so it is lean: plain
// HTTP/1.1 with reused buffers, answers prepared once in a rehearsal, pages unpacked
// only as far as the hidden fields of their form. One page in 512 is unpacked
// completely and compared with the rehearsal.
package load
