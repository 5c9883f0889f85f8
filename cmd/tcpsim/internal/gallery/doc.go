// Package gallery writes the catalogue as documentation: an index, and for each
// scenario a page in Markdown with what it shows, the claims that it tests, the
// ladder of each of its cases, the trace, the causes of its RSTs and the file.
//
//	err := gallery.Generate("docs/gallery", gallery.Options{})
//
// Every case is run, drawn and described before the first file is written, and
// a case that does not behave as its file says makes no documentation: it is an
// error. The same catalogue gives the same bytes.
//
// A gallery knows its own files, by a list of their checksums beside them. So a
// file of an earlier gallery that is not needed any more is removed, unless
// somebody has edited it, and a file that the gallery has not made is neither
// removed nor replaced.
package gallery
