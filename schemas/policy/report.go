package policy

func (plan *Plan) refuseUseless() error { return nil }
