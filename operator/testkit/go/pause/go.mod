module k8s-operator-testkit/pause

go 1.26.0
