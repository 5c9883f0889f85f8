// Package fire counts how often a scenario on a bad link has each of the
// outcomes that its file names.
//
// A case with outcomes ([model.Case.UnderFire]) may end in more than one way,
// and which it is depends on the seed alone. [Count] runs it with the seeds 1,
// 2, 3 and so on:
//
//	c, err := scenarios.Find("unread-data-under-fire/loss-30")
//	t, err := fire.Count(c, fire.Options{Runs: 1000})
//	for i, o := range c.Outcomes {
//		fmt.Println(o.Name, t.Counts[i])
//	}
//
// The files of the catalogue hold the counts of a thousand runs, and the test
// of this package holds them against what is counted; [TableOf] gives them to
// whoever wants to show them. The same version of tcpsim counts the same,
// however many runs go on at a time.
package fire
