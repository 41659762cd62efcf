// Package browsertest drives a real browser through pages, as tests of what people do. It is built
// with the tag browser alone, so that the other tests need no browser and compile none of this.
//
// Every page that was opened is watched: what it writes to the console as an error, and what the
// policy for contents refuses, fails the test.
package browsertest
