create statistics st (dependencies) on a, b from t
